export const runtime = "nodejs";
export const maxDuration = 30;

export const POST = () => Response.json({});
