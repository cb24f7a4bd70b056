export const GET = () => Response.json({});
export const POST = () => Response.json({});
