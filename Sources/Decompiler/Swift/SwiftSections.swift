/// Cuts a policy into properties: the type checker looks at a body as a whole, and its time grows with the square of what
/// stands in it.
struct SwiftSections {
    /// A property with a part of the policy.
    struct Property {
        var name: String
        var note: String?
        var items: [SwiftItem]
    }

    /// The most that stands in one body.
    private static let most = 30

    var names: SwiftNames
    private(set) var properties: [Property] = []

    init(names: SwiftNames) { self.names = names }

    /// The items of a body, small enough; what is too much stands in properties.
    mutating func fit(_ items: [SwiftItem], called name: String) -> [SwiftItem] {
        guard Self.weight(items) > Self.most else { return items }
        let smaller = items.map { item in
            guard case .body(var body) = item, item.weight > Self.most / 3 else { return item }
            let title = names.name(body.name, or: "part")
            let note = body.note
            body.items = fit(body.items, called: body.name)
            // The properties of its parts stand before it, since they were made first: it comes before them.
            body.note = nil
            properties.append(Property(name: title, note: note, items: [.body(body)]))
            return .reference(title)
        }
        if Self.weight(smaller) <= Self.most { return smaller }
        var parts: [SwiftItem] = []
        var rest = smaller[...]
        while !rest.isEmpty {
            var weight = 0
            let part = rest.prefix { item in
                weight += item.weight
                return weight <= Self.most || weight == item.weight
            }
            rest = rest.dropFirst(part.count)
            let title = names.name(name + " part", or: "part")
            properties.append(Property(name: title, items: Array(part)))
            parts.append(.reference(title))
        }
        return fit(parts, called: name)
    }

    private static func weight(_ items: [SwiftItem]) -> Int { items.reduce(0) { $0 + $1.weight } }
}
