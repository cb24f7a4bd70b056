export const OPTIONS = () => Response.json({});
export const GET = () => Response.json({});
