export const GET = () => Response.json({});
export const HEAD = () => Response.json({});
