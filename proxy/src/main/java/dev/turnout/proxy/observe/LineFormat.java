package dev.turnout.proxy.observe;

import dev.turnout.config.AccessLogSettings;
import dev.turnout.config.AccessLogTemplate;
import java.util.Optional;

/** Confined to one event loop. The form of a line of the access log. */
interface LineFormat {

    /** Adds the line of an exchange, its end included. */
    void write(ExchangeView exchange, LineBuffer line);

    /** A new format; it has a memory of its own and belongs to one event loop. */
    static LineFormat of(AccessLogSettings.Format format, Optional<AccessLogTemplate> template) {
        return switch (format) {
            case JSON -> new JsonLine();
            case COMBINED -> new CombinedLine();
            case TEMPLATE -> new TemplateLine(template.orElseThrow());
        };
    }
}
