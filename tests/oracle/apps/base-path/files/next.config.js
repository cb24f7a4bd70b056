module.exports = { basePath: "/docs", trailingSlash: true };
