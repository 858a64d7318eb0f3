package dev.turnout.proxy.http;

/** Immutable. Why a head or body is refused. What is refused is never passed on. */
public enum HeadFault {
    /** Start line is not {@code method SP target SP version} or {@code version SP status SP reason}. */
    BAD_START_LINE,
    /** A version other than HTTP/1.0 and HTTP/1.1. */
    BAD_VERSION,
    START_LINE_TOO_LONG,
    HEAD_TOO_LARGE,
    TOO_MANY_FIELDS,
    /** Name is no token, white space before the colon, no colon. */
    BAD_FIELD_NAME,
    /** A control byte in a value. */
    BAD_FIELD_VALUE,
    /** A line that goes on after white space (RFC 9112 section 5.2). */
    OBS_FOLD,
    /** CR without LF, or LF without CR. */
    BAD_LINE_END,
    /** Host missing in HTTP/1.1, given twice, or not a valid host and port. */
    BAD_HOST,
    BAD_CONTENT_LENGTH,
    /** Transfer-Encoding that is not exactly {@code chunked}, or in HTTP/1.0. */
    BAD_TRANSFER_ENCODING,
    /** Content-Length beside Transfer-Encoding (RFC 9112 section 6.3). */
    AMBIGUOUS_LENGTH,
    BAD_CHUNK,
    BAD_TRAILER
}
