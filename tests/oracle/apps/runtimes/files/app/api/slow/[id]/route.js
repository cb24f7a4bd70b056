export const maxDuration = 300;

export const GET = () => Response.json({});
export const POST = () => Response.json({});
