export const dynamic = "force-static";
export const revalidate = 60;

export const GET = () => Response.json({});
