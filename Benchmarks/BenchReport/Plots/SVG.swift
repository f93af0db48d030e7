/// A drawing, element by element; the same drawing is always the same text.
struct SVG {
    /// How text stands to its place.
    enum Anchor: String { case start, middle, end }

    private let width: Int
    private let height: Int
    private let title: String
    private let description: String
    private var elements: [String] = []

    /// An empty drawing on white; title and description are for those who hear it.
    init(width: Int, height: Int, title: String, description: String) {
        self.width = width
        self.height = height
        self.title = title
        self.description = description
    }

    /// The whole file.
    var text: String {
        let head = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\" "
                + "role=\"img\" font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, sans-serif\">",
            "<title>\(Self.escaped(title))</title>", "<desc>\(Self.escaped(description))</desc>",
            "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#ffffff\"/>",
        ]
        return (head + elements + ["</svg>", ""]).joined(separator: "\n")
    }

    /// Draws a line of text.
    mutating func text(
        _ text: String, x: Double, y: Double, size: Int = 13, color: String = "#333333", anchor: Anchor = .start,
        isBold: Bool = false, isUpright: Bool = false
    ) {
        let turn = isUpright ? " transform=\"rotate(-90 \(Self.number(x)) \(Self.number(y)))\"" : ""
        elements.append(
            "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(size)\" fill=\"\(color)\""
                + (anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\"")
                + (isBold ? " font-weight=\"600\"" : "")
                + "\(turn)>\(Self.escaped(text))</text>")
    }

    /// Draws a straight line.
    mutating func line(
        from: (x: Double, y: Double), to: (x: Double, y: Double), color: String = "#e3e3e3", width: Double = 1,
        isDashed: Bool = false
    ) {
        elements.append(
            "<line x1=\"\(Self.number(from.x))\" y1=\"\(Self.number(from.y))\" x2=\"\(Self.number(to.x))\" "
                + "y2=\"\(Self.number(to.y))\" stroke=\"\(color)\" stroke-width=\"\(Self.number(width))\""
                + (isDashed ? " stroke-dasharray=\"4 3\"" : "") + "/>")
    }

    /// Draws lines from point to point, and a dot at each.
    mutating func path(_ points: [(x: Double, y: Double)], color: String, width: Double) {
        let list = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
        elements.append(
            "<polyline points=\"\(list)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"\(Self.number(width))\" "
                + "stroke-linejoin=\"round\" stroke-linecap=\"round\"/>")
        for point in points {
            elements.append(
                "<circle cx=\"\(Self.number(point.x))\" cy=\"\(Self.number(point.y))\" r=\"\(Self.number(width + 1))\" fill=\"\(color)\"/>"
            )
        }
    }

    /// Draws a filled rectangle.
    mutating func bar(x: Double, y: Double, width: Double, height: Double, color: String) {
        elements.append(
            "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" "
                + "height=\"\(Self.number(height))\" fill=\"\(color)\" rx=\"2\"/>")
    }

    /// One digit behind the point is enough for a screen, and the same on every machine.
    private static func number(_ value: Double) -> String {
        let text = Decimal.text(value, digits: 1)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
    }
}
