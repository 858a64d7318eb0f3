package dev.turnout.proxy.observe;

import dev.turnout.config.AccessLogTemplate;
import dev.turnout.config.AccessLogTemplate.Field;
import dev.turnout.config.AccessLogTemplate.Known;
import dev.turnout.config.AccessLogTemplate.Part;
import dev.turnout.config.AccessLogTemplate.RequestField;
import dev.turnout.config.AccessLogTemplate.Text;
import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Confined to one event loop. A line by a template; what has no value is a dash, values are escaped as in a combined line. */
final class TemplateLine implements LineFormat {

    private final List<Part> parts;
    private final SecondText time = new SecondText(DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ROOT));

    TemplateLine(AccessLogTemplate template) {
        this.parts = template.parts();
    }

    @Override
    public void write(ExchangeView exchange, LineBuffer line) {
        for (Part part : parts) {
            if (part instanceof Text text) {
                line.printable(text.text());
            } else if (part instanceof RequestField field) {
                value(line, exchange.requestField(field.name()));
            } else if (part instanceof Known known) {
                write(known.field(), exchange, line);
            }
        }
        line.character('\n');
    }

    private void write(Field field, ExchangeView exchange, LineBuffer line) {
        switch (field) {
            case TIME -> {
                long at = exchange.startedAtMillis();
                line.text(time.of(at))
                        .character('.')
                        .number(Math.floorMod(at, 1_000L), 3)
                        .character('Z');
            }
            case CLIENT -> value(line, exchange.client());
            case METHOD -> value(line, exchange.method());
            case HOST -> value(line, exchange.host());
            case TARGET -> value(line, exchange.target());
            case PATH -> value(line, pathOf(exchange.target()));
            case PROTOCOL -> value(line, exchange.protocol());
            case STATUS -> line.number(exchange.status(), 3);
            case COLOUR -> {
                Colour colour = exchange.colour();
                value(line, colour == null ? null : colour.label());
            }
            case BACKEND -> {
                BackendAddress backend = exchange.backend();
                value(line, backend == null ? null : backend.toString());
            }
            case ROUTED -> value(line, exchange.routed());
            case ATTEMPTS -> line.number(exchange.attempts());
            case REVISION -> line.number(exchange.revision());
            case DURATION_MS -> line.millis(exchange.durationNanos());
            case REQUEST_MS -> millis(line, exchange.requestNanos());
            case CONNECT_MS -> millis(line, exchange.connectNanos());
            case RESPONSE_HEAD_MS -> millis(line, exchange.responseHeadNanos());
            case RESPONSE_MS -> millis(line, exchange.responseNanos());
            case REQUEST_BYTES -> line.number(exchange.requestBytes());
            case RESPONSE_BYTES -> line.number(exchange.responseBytes());
            case REQUEST_ID -> value(line, exchange.requestId());
            case ERROR -> value(line, exchange.error());
            case USER_AGENT -> value(line, exchange.requestField("user-agent"));
            case REFERER -> value(line, exchange.requestField("referer"));
            case TRACEPARENT -> value(line, exchange.requestField("traceparent"));
        }
    }

    private static String pathOf(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    private static void millis(LineBuffer line, long nanos) {
        if (nanos < 0) {
            line.character('-');
        } else {
            line.millis(nanos);
        }
    }

    private static void value(LineBuffer line, @Nullable String value) {
        line.combined(value == null || value.isEmpty() ? "-" : value);
    }
}
