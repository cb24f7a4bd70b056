export const GET = () => Response.json({});
export const POST = () => Response.json({});
export const wrap = (handler) => handler;
export const both = { GET, POST };
