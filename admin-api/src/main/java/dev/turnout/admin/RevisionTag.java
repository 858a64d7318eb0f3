package dev.turnout.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Immutable. A revision as an entity tag, {@code "r42"} (RFC 9110 section 8.8.3). */
final class RevisionTag {

    /** What matches no revision, because they start at 0. */
    static final long NEVER = -1;

    private static final Pattern TAG = Pattern.compile("\"r([0-9]{1,18})\"");

    /** Any tag at all; a weak one never matches here (section 13.1.1). */
    private static final Pattern ANY = Pattern.compile("(W/)?\"[^\"]*\"");

    private RevisionTag() {}

    static String of(long revision) {
        return "\"r" + revision + "\"";
    }

    /**
     * The revision a change is wanted at, by If-Match; empty if there is no such field or it is {@code *}.
     *
     * @return {@link #NEVER} for a tag that is none of ours; what is no tag is a fault
     */
    static OptionalLong ifMatch(HttpHeaders headers, Faults faults) {
        String field = headers.get(HttpHeaderNames.IF_MATCH);
        if (field == null || field.strip().equals("*")) {
            return OptionalLong.empty();
        }
        if (field.indexOf(',') >= 0 || headers.getAll(HttpHeaderNames.IF_MATCH).size() > 1) {
            faults.body("If-Match with several tags (expected: one)");
        } else if (!ANY.matcher(field.strip()).matches()) {
            faults.body("If-Match (expected: a quoted revision such as \"r42\", or *)");
        }
        Matcher tag = TAG.matcher(field.strip());
        return OptionalLong.of(tag.matches() ? Long.parseLong(tag.group(1)) : NEVER);
    }

    /** Whether the client has said by If-None-Match that it has this revision; weak tags count (section 13.1.2). */
    static boolean isKnown(HttpHeaders headers, long revision) {
        for (String field : headers.getAll(HttpHeaderNames.IF_NONE_MATCH)) {
            for (String part : field.split(",", -1)) {
                String tag = part.strip();
                if (tag.equals("*") || tag.equals(of(revision)) || tag.equals("W/" + of(revision))) {
                    return true;
                }
            }
        }
        return false;
    }
}
