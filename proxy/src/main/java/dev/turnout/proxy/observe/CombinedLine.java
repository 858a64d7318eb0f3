package dev.turnout.proxy.observe;

import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Confined to one event loop. The combined log format of Apache httpd, as nginx writes it. */
final class CombinedLine implements LineFormat {

    private final SecondText time =
            new SecondText(DateTimeFormatter.ofPattern("dd/MMM/uuuu:HH:mm:ss '+0000'", Locale.ENGLISH));

    @Override
    public void write(ExchangeView exchange, LineBuffer line) {
        line.combined(exchange.client()).text(" - - [");
        line.text(time.of(exchange.startedAtMillis())).text("] \"");
        line.combined(exchange.method()).character(' ');
        line.combined(exchange.target()).character(' ');
        line.combined(exchange.protocol()).text("\" ");
        line.number(exchange.status(), 3).character(' ').number(exchange.responseBytes());
        quoted(line, exchange.requestField("referer"));
        quoted(line, exchange.requestField("user-agent"));
        line.character('\n');
    }

    private static void quoted(LineBuffer line, @Nullable String value) {
        line.text(" \"").combined(value == null ? "-" : value).character('"');
    }
}
