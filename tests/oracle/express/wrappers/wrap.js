exports.wrap = (handler) => (req, res, next) => Promise.resolve(handler(req, res, next)).catch(next);
exports.validate = (schema) => {
  return function validate(req, res, next) {
    next();
  };
};
