export const PUT = () => Response.json({});
