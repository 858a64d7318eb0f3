package dev.turnout.proxy.observe;

import dev.turnout.config.BackendAddress;
import dev.turnout.config.Colour;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Confined to one event loop. One JSON object a line; a field that has no value is null, never absent. */
final class JsonLine implements LineFormat {

    private final SecondText time = new SecondText(DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss", Locale.ROOT));

    @Override
    public void write(ExchangeView exchange, LineBuffer line) {
        long at = exchange.startedAtMillis();
        Colour colour = exchange.colour();
        BackendAddress backend = exchange.backend();
        line.text("{\"time\":\"").text(time.of(at));
        line.character('.').number(Math.floorMod(at, 1_000L), 3).text("Z\"");
        string(line, ",\"client\":", exchange.client());
        string(line, ",\"method\":", exchange.method());
        string(line, ",\"host\":", exchange.host());
        string(line, ",\"target\":", exchange.target());
        string(line, ",\"protocol\":", exchange.protocol());
        line.text(",\"status\":").number(exchange.status());
        string(line, ",\"colour\":", colour == null ? null : colour.label());
        string(line, ",\"backend\":", backend == null ? null : backend.toString());
        string(line, ",\"routed\":", exchange.routed());
        line.text(",\"attempts\":").number(exchange.attempts());
        line.text(",\"revision\":").number(exchange.revision());
        line.text(",\"durationMs\":").millis(exchange.durationNanos());
        millis(line, ",\"requestMs\":", exchange.requestNanos());
        millis(line, ",\"connectMs\":", exchange.connectNanos());
        millis(line, ",\"responseHeadMs\":", exchange.responseHeadNanos());
        millis(line, ",\"responseMs\":", exchange.responseNanos());
        line.text(",\"requestBytes\":").number(exchange.requestBytes());
        line.text(",\"responseBytes\":").number(exchange.responseBytes());
        string(line, ",\"requestId\":", exchange.requestId());
        string(line, ",\"traceparent\":", exchange.requestField("traceparent"));
        string(line, ",\"error\":", exchange.error());
        string(line, ",\"userAgent\":", exchange.requestField("user-agent"));
        string(line, ",\"referer\":", exchange.requestField("referer"));
        line.text("}\n");
    }

    private static void millis(LineBuffer line, String key, long nanos) {
        line.text(key);
        if (nanos < 0) {
            line.text("null");
        } else {
            line.millis(nanos);
        }
    }

    private static void string(LineBuffer line, String key, @Nullable String value) {
        line.text(key);
        if (value == null) {
            line.text("null");
        } else {
            line.character('"').json(value).character('"');
        }
    }
}
