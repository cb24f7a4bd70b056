export function proxy(req, res, next) {
  next();
}
