module.exports = function (server, base) {
  server.get(base + "/a", (req, res) => res.send("a"));
};
