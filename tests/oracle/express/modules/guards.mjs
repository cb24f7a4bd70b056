export const first = (req, res, next) => next();
export function second(req, res, next) {
  next();
}
