export const GET = () => Response.json({});
export const PATCH = () => Response.json({});
export const DELETE = () => Response.json({});
