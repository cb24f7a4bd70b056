module.exports = { i18n: { locales: ["en", "de"], defaultLocale: "en" } };
