import PacketLab
import Testing

/// What becomes of every connection of the lab, under the rules of the tests.
enum Tables {
    /// What Docker 20.10 says alone.
    ///
    /// Ports that are published on an address are reached through every link. A container without IPv6 is reached over IPv6
    /// by way of docker-proxy, and so is a published port by containers. Published ports of containers can be reached by
    /// routing, others not, and no container can from another network.
    static let fresh = """
                              client    stranger  neighbour web       app       db
        198.51.100.1:8080     open      open      open      masked    masked    masked
        198.51.100.1:8443     open      open      open      masked    masked    masked
        198.51.100.1:9090     open      open      open      masked    masked    masked
        198.51.100.1:5432     open      open      open      masked    masked    masked
        203.0.113.1:8080      open      open      open      masked    masked    masked
        203.0.113.1:8443      refused   refused   refused   refused   refused   refused
        [2001:db8:1::1]:8080  masked    masked    masked    -         masked    -
        [2001:db8:1::1]:9090  open      open      open      -         masked    -
        web:80                open      open      open      open      shut      shut
        bound:80              open      open      open      open      shut      shut
        lonely:80             shut      shut      shut      open      shut      shut
        app:80                open      open      open      shut      open      shut
        quiet:80              shut      shut      shut      shut      open      shut
        db:80                 open      open      open      shut      shut      open
        store:80              shut      shut      shut      shut      shut      open
        [app]:80              open      open      open      -         open      -
        [quiet]:80            shut      shut      shut      -         open      -
        198.51.100.10:7000    open      open      shut      masked    masked    masked
        [2001:db8:1::10]:7000 open      open      shut      -         masked    -
        198.51.100.66:7000    open      open      shut      masked    masked    masked
        [2001:db8:1::66]:7000 open      open      shut      -         masked    -
        203.0.113.10:7000     shut      shut      open      masked    masked    masked
        [2001:db8:2::10]:7000 shut      shut      open      -         masked    -
        """

    /// The policy `Fence`, for IPv4 alone.
    static let fenceIPv4 = changed(
        fresh,
        """
        198.51.100.1:8080     open      shut      open      masked    masked    masked
        198.51.100.1:8443     open      shut      open      masked    masked    masked
        198.51.100.1:9090     open      refused   open      masked    masked    masked
        203.0.113.1:8080      open      shut      open      masked    masked    masked
        198.51.100.66:7000    open      open      shut      masked    masked    shut
        """)

    /// The policy `Fence`, for both families.
    static let fence = changed(
        fenceIPv4,
        """
        [2001:db8:1::1]:8080  masked    shut      masked    -         masked    -
        [2001:db8:1::1]:9090  open      refused   open      -         masked    -
        """)

    /// The rules of `HandWritten`, of which one forgets that it meets replies as well: those of `db` to the stranger.
    static let handWritten = changed(
        fresh,
        """
        198.51.100.1:8080     open      shut      open      masked    masked    masked
        198.51.100.1:8443     open      refused   refused   masked    masked    masked
        198.51.100.1:5432     open      error 113 open      masked    masked    masked
        203.0.113.1:8080      open      shut      open      masked    masked    masked
        db:80                 open      shut      open      shut      shut      open
        198.51.100.66:7000    open      open      shut      masked    masked    shut
        """)

    /// The same, with a rule for IPv6.
    static let handWrittenIPv6 = changed(
        handWritten, "[2001:db8:1::1]:9090  open      shut      open      -         masked    -")

    /// A table with other rows in the place of those with the same names.
    private static func changed(_ table: String, _ rows: String) -> String {
        func name(_ line: Substring) -> Substring { line.prefix { $0 != " " } }
        let others = Dictionary(rows.split(separator: "\n").map { (name($0), $0) }) { $1 }
        return table.split(separator: "\n").map { others[name($0)] ?? $0 }.joined(separator: "\n")
    }
}

extension DockerHost {
    /// Expects that every connection fares as a table says.
    func expect(_ table: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let (found, wanted) = (try lab.verdicts().split(separator: "\n"), table.split(separator: "\n"))
        let differences = zip(found, wanted).filter { $0 != $1 }.map { "found  \($0)\nwanted \($1)" }
        #expect(
            differences.isEmpty && found.count == wanted.count, "\(differences.joined(separator: "\n"))",
            sourceLocation: sourceLocation)
    }
}
