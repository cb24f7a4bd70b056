module.exports = {
  async rewrites() {
    return {
      beforeFiles: [{ source: "/people/:id", destination: "/api/users/:id" }],
      afterFiles: [{ source: "/find", destination: "/api/search" }],
      fallback: [{ source: "/legacy/:path*", destination: "https://legacy.example.com/:path*" }],
    };
  },
  async redirects() {
    return [
      { source: "/members/:id(\\d+)", destination: "/api/users/:id", permanent: true },
      { source: "/old", destination: "/", permanent: false },
    ];
  },
};
