package dev.turnout.app.demo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.turnout.app.demo.Mishaps.Mishap;
import dev.turnout.config.Colour;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Immutable. The commands under {@code /demo}: any backend carries them out for either colour, as all live in one process, so
 * that they work through the proxy whichever pool they reach.
 */
final class DemoCommands {

    private static final String HELP = """
            POST /demo/{blue|green}/errors?rate=0.3    answer that share of requests with 500
            POST /demo/{blue|green}/delay?millis=200   hold every answer back
            POST /demo/{blue|green}/reset              behave again
            GET  /demo                                 how things are
            """;

    private DemoCommands() {}

    static boolean isCommand(String uri) {
        return uri.equals("/demo") || uri.startsWith("/demo/");
    }

    static DemoReply carryOut(HttpMethod method, String uri, Mishaps mishaps) {
        try {
            QueryStringDecoder query = new QueryStringDecoder(uri);
            List<String> parts = List.of(query.path().substring(1).split("/"));
            if (parts.size() == 1) {
                return state(mishaps);
            }
            Colour colour = colourNamed(parts.get(1));
            if (parts.size() != 3 || colour == null) {
                return DemoReply.text(404, HELP);
            }
            if (!method.equals(HttpMethod.POST)) {
                return DemoReply.text(405, HELP);
            }
            switch (parts.get(2)) {
                case "errors" -> mishaps.setErrorRate(colour, Double.parseDouble(parameter(query, "rate")));
                case "delay" -> mishaps.setDelay(colour, Integer.parseInt(parameter(query, "millis")));
                case "reset" -> mishaps.reset(colour);
                default -> {
                    return DemoReply.text(404, HELP);
                }
            }
            return state(mishaps);
        } catch (IllegalArgumentException e) {
            return DemoReply.text(400, e.getMessage() + "\n" + HELP);
        }
    }

    private static DemoReply state(Mishaps mishaps) {
        ObjectNode json = DemoReply.object();
        for (Colour colour : Colour.values()) {
            Mishap mishap = mishaps.of(colour);
            json.putObject(colour.label())
                    .put("errorRate", mishap.errorRate())
                    .put("delayMillis", mishap.delayMillis());
        }
        return DemoReply.json(json);
    }

    private static String parameter(QueryStringDecoder query, String name) {
        List<String> values = query.parameters().getOrDefault(name, List.of());
        if (values.size() != 1) {
            throw new IllegalArgumentException("the parameter " + name + " is missing");
        }
        return values.get(0);
    }

    private static @Nullable Colour colourNamed(String word) {
        for (Colour colour : Colour.values()) {
            if (colour.label().equals(word)) {
                return colour;
            }
        }
        return null;
    }
}
