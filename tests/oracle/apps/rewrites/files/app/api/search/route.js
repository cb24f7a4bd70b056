export const POST = () => Response.json({});
