export const config = { maxDuration: 45 };

export default function handler(req, res) {
  res.status(200).json({});
}
