module.exports = {
  pageExtensions: ["js", "jsx", "mdx", "ts", "tsx"],
  typescript: { ignoreBuildErrors: true },
};
