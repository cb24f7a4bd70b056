export function middleware(req, res, next) {
  next();
}
