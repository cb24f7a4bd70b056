const loadExpress = require("./express");

exports.init = async ({ expressApp }) => {
  await Promise.resolve();
  await loadExpress({ app: expressApp });
};
