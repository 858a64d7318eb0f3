package dev.turnout.proxy.exchange;

import dev.turnout.proxy.http.Head;
import dev.turnout.proxy.http.Method;
import java.util.List;

/**
 * Immutable. Which paths are those of assets with a name that changes with their content, so that one colour may have what
 * the other has not: {@code *} stands for any characters.
 */
final class AssetPatterns {

    private final List<String> globs;

    AssetPatterns(List<String> globs) {
        this.globs = List.copyOf(globs);
    }

    boolean matches(Head request) {
        if (globs.isEmpty() || (request.method() != Method.GET && request.method() != Method.HEAD)) {
            return false;
        }
        String target = request.targetText();
        int query = target.indexOf('?');
        String path = query < 0 ? target : target.substring(0, query);
        return globs.stream().anyMatch(glob -> matches(glob, path));
    }

    /** One pass with one place to go back to: the time is bounded by the product of the lengths. */
    static boolean matches(String glob, String path) {
        int g = 0;
        int star = -1;
        int resume = 0;
        int p = 0;
        while (p < path.length()) {
            if (g < glob.length() && glob.charAt(g) == '*') {
                star = g++;
                resume = p;
            } else if (g < glob.length() && glob.charAt(g) == path.charAt(p)) {
                g++;
                p++;
            } else if (star >= 0) {
                g = star + 1;
                p = ++resume;
            } else {
                return false;
            }
        }
        while (g < glob.length() && glob.charAt(g) == '*') {
            g++;
        }
        return g == glob.length();
    }
}
