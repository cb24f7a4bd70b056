const last = ({ app }) => {
  app.get("/last", (req, res) => res.send("last"));
};
module.exports = { last };
