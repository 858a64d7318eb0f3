package dev.turnout.proxy.http;

/**
 * Immutable. How large a head may be before it is refused.
 *
 * @param startLine most bytes of the start line, without its CR LF
 * @param head most bytes of the whole head, from the start line up to and including the empty line
 * @param fields most field lines
 */
public record HeadLimits(int startLine, int head, int fields) {

    public HeadLimits {
        if (startLine < 16 || head < 32 || fields < 1) {
            throw new IllegalArgumentException(
                    "limits too small for any message: startLine=" + startLine + " head=" + head + " fields=" + fields);
        }
    }
}
