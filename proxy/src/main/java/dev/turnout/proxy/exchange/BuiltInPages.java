package dev.turnout.proxy.exchange;

/** Immutable. What Turnout says for itself where the operator has no page of his own: short, and no word of what is behind it. */
final class BuiltInPages {

    private static final String TEXT = "${status} ${title}: ${error}\n";

    private static final String JSON =
            "{\"status\":${status},\"title\":\"${title}\",\"error\":\"${error}\",\"requestId\":\"${request-id}\"}\n";

    private static final String HTML_START = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>${status} ${title}</title>
            <style>
            body { font-family: system-ui, sans-serif; max-width: 34em; margin: 16vh auto 0; padding: 0 1.5em; color: #222; background: #fff }
            h1 { font-size: 1.5em; font-weight: 600 }
            p { line-height: 1.5 }
            small { color: #666 }
            @media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } small { color: #999 } }
            </style>
            </head>
            <body>
            """;

    private static final String HTML_END = """
            <p><small>${status} ${error} &middot; ${request-id}</small></p>
            </body>
            </html>
            """;

    private BuiltInPages() {}

    static String text(ProxyError error, ErrorForm form) {
        return switch (form) {
            case TEXT -> TEXT;
            case JSON -> JSON;
            case HTML -> HTML_START + words(error) + HTML_END;
        };
    }

    private static String words(ProxyError error) {
        if (error == ProxyError.MAINTENANCE) {
            return "<h1>We will be back soon</h1>\n<p>This service is down for maintenance. Please try again in a few minutes.</p>\n";
        }
        return "<h1>${title}</h1>\n"
                + (error.status() >= 500
                        ? "<p>Your request could not be answered just now. Please try again in a moment.</p>\n"
                        : "<p>Your request could not be accepted.</p>\n");
    }
}
