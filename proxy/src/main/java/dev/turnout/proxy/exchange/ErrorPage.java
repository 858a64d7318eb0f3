package dev.turnout.proxy.exchange;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Immutable. The body of one answer of Turnout itself, ready but for the request id if it shows that. */
final class ErrorPage {

    private static final String REQUEST_ID = "${request-id}";

    private final ErrorForm form;
    /** What stands around the places of the request id; one piece if there is none. */
    private final byte[][] pieces;

    /** @param text the page, in which placeholders for what the error itself says stand too */
    ErrorPage(ErrorForm form, ProxyError error, String text) {
        this.form = form;
        String filled = text.replace("${status}", Integer.toString(error.status()))
                .replace("${title}", error.reason())
                .replace("${error}", error.label());
        String[] parts = filled.split(java.util.regex.Pattern.quote(REQUEST_ID), -1);
        pieces = new byte[parts.length][];
        for (int i = 0; i < parts.length; i++) {
            pieces[i] = parts[i].getBytes(StandardCharsets.UTF_8);
        }
    }

    ErrorForm form() {
        return form;
    }

    /** The bytes to send, which nobody may change. */
    byte[] body(String requestId) {
        if (pieces.length == 1) {
            return pieces[0];
        }
        byte[] id = escaped(requestId).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int i = 0; i < pieces.length; i++) {
            if (i > 0) {
                body.writeBytes(id);
            }
            body.writeBytes(pieces[i]);
        }
        return body.toByteArray();
    }

    /** The client may have made the request id: it must not end a string or begin a tag. */
    private String escaped(String requestId) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < requestId.length(); i++) {
            char c = requestId.charAt(i);
            boolean plain = c >= 0x20 && c < 0x7f && "\"'\\<>&".indexOf(c) < 0;
            if (plain) {
                text.append(c);
            } else {
                switch (form) {
                    case TEXT -> text.append(c >= 0x20 && c < 0x7f ? c : '?');
                    case JSON -> text.append(String.format("\\u%04x", (int) c));
                    case HTML -> text.append("&#").append((int) c).append(';');
                }
            }
        }
        return text.toString();
    }
}
