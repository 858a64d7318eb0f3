package dev.turnout.proxy.mirror;

import dev.turnout.proxy.routing.MirrorOrder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. What differs between two answers, in words; pure.
 *
 * @param status whether that differs
 * @param headers whether a field that is compared does
 * @param body whether the body does
 * @param told each difference as {@code name: active / idle}, a few of them
 */
record Comparison(boolean status, boolean headers, boolean body, List<String> told) {

    private static final int MOST_TOLD = 8;
    private static final int LONGEST_VALUE = 100;

    Comparison {
        told = List.copyOf(told);
    }

    boolean isSame() {
        return !status && !headers && !body;
    }

    static Comparison of(MirrorOrder order, MirroredAnswer active, MirroredAnswer idle) {
        List<String> told = new ArrayList<>();
        boolean status = active.status() != idle.status();
        if (status) {
            told.add("status: " + active.status() + " / " + idle.status());
        }
        boolean headers = false;
        for (int i = 0; i < order.headers().size(); i++) {
            String here = active.fields().get(i);
            String there = idle.fields().get(i);
            if (!Objects.equals(here, there)) {
                headers = true;
                told.add(order.headers().get(i) + ": " + shown(here) + " / " + shown(there));
            }
        }
        // The body of an error page is another one anyway.
        List<String> bodies = status ? List.of() : bodies(order, active, idle);
        told.addAll(bodies);
        return new Comparison(status, headers, !bodies.isEmpty(), told.subList(0, Math.min(MOST_TOLD, told.size())));
    }

    private static List<String> bodies(MirrorOrder order, MirroredAnswer active, MirroredAnswer idle) {
        return switch (order.body()) {
            case NONE -> List.of();
            case HASH ->
                active.bytes() == idle.bytes() && active.hash() == idle.hash() && active.isCutOff() == idle.isCutOff()
                        ? List.of()
                        : List.of("body: " + size(active) + " / " + size(idle));
            case JSON_SHAPE -> shapes(active, idle);
        };
    }

    private static List<String> shapes(MirroredAnswer active, MirroredAnswer idle) {
        boolean comparable = active.isJson() && idle.isJson() && !active.isCutOff() && !idle.isCutOff();
        if (!comparable || (active.bytes() == 0 && idle.bytes() == 0)) {
            return List.of();
        }
        try {
            return JsonShape.differences(
                    JsonShape.of(active.content(), active.coding()),
                    JsonShape.of(idle.content(), idle.coding()),
                    MOST_TOLD);
        } catch (IOException e) {
            boolean here = isReadable(active);
            boolean there = isReadable(idle);
            return here == there
                    ? List.of()
                    : List.of("json: " + (here ? "readable" : "broken") + " / " + (there ? "readable" : "broken"));
        }
    }

    private static boolean isReadable(MirroredAnswer answer) {
        try {
            return !JsonShape.of(answer.content(), answer.coding()).isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    private static String size(MirroredAnswer answer) {
        return answer.isCutOff()
                ? "more than " + answer.bytes() + " bytes"
                : answer.bytes() + " bytes (crc32c " + Long.toHexString(answer.hash()) + ")";
    }

    private static String shown(@Nullable String value) {
        if (value == null) {
            return "missing";
        }
        return value.length() > LONGEST_VALUE ? value.substring(0, LONGEST_VALUE) + "..." : value;
    }
}
