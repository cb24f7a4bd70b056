module.exports = (app) => {
  app.route("/books").get((req, res) => res.send("all")).post((req, res) => res.send("new"));
  app.use("/authors", require("./authors"));
};
