extension JSONValue {
    /// How a value is laid out as text.
    package enum Layout: Sendable {
        /// One line, no white space.
        case compact
        /// Lines indented by two spaces.
        case pretty
    }

    /// The JSON text, byte for byte as json-c writes it; the same value always gives the same bytes.
    ///
    /// Slashes are not escaped.
    package func text(_ layout: Layout = .compact) -> String {
        var writer = JSONWriter(layout)
        writer.write(self)
        return writer.text
    }
}
