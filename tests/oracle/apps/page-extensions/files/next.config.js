module.exports = { pageExtensions: ["page.jsx", "api.js"] };
