const handler = () => Response.json({});

export { handler as GET, handler as POST };
