/// Policies as people write them: a fifth each of five common forms.
enum PolicySource {
    /// A policy file with so many rules in one scope.
    static func text(rules: Int) -> String {
        let lines = (0..<rules).map { "                " + line($0) }
        return """
            import Seawall

            let office: AddressSet = ["192.0.2.0/24", "2001:db8:10::/48"]

            @main
            struct Measured: Policy {
                var body: PolicyContent {
                    Containers {
                        Inbound(on: "eth0") {
            \(lines.joined(separator: "\n"))
                            Default(.drop).log(prefix: "seawall: ", limit: .perMinute(10))
                        }
                    }
                }
            }

            """
    }

    private static func line(_ index: Int) -> String {
        switch index % 5 {
        case 0: "Allow(.tcp(443), .udp(\(1000 + index)))"
        case 1: "Allow(.tcp(\(1000 + index)), from: \"192.168.\(index / 250).\(index % 250)\")"
        case 2: "Drop(.tcp(\(1000 + index)))"
        case 3: "Allow(.tcp(\(5000 + index)), from: office).comment(\"reporting \(index)\")"
        default: "Reject(.tcp(\(100 + index)...\(200 + index)), from: .not(\"10.0.0.\(index % 250)\"), with: .tcpReset)"
        }
    }
}

/// A document as a generator of policies would write it: networks that are dropped, ports that are allowed to few.
enum BigDocument {
    static func text(rules: Int) -> String {
        var content: [String] = []
        var locations = ["\"5c0pe000\": \"Policy.swift:9\""]
        for index in 0..<rules {
            let id = identifier(index)
            content.append("{\"rule\": {\"id\": \"\(id)\", \(rule(index))}}")
            locations.append("\"\(id)\": \"Policy.swift:\(index + 10)\"")
        }
        return """
            {"seawall": {"document": 1, "generator": "seawall-bench"}, "policy": "Measured", "files": [],
             "content": [{"scope": {"id": "5c0pe000", "kind": "inbound", "in": "eth0", "related": "pass", "invalid": "judge",
             "untracked": "judge", "direct": "judge", "content": [
            \(content.joined(separator: ",\n"))]}}],
             "locations": {\(locations.joined(separator: ",\n"))}}
            """
    }

    private static func identifier(_ index: Int) -> String {
        let digits = String(index, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static func rule(_ index: Int) -> String {
        let service = "\"services\": [{\"protocol\": \"tcp\", \"ports\": \(1024 + index % 60000)}]"
        switch index % 4 {
        case 0: return "\"verdict\": \"drop\", \"from\": \"10.\(index / 1000 % 256).\(index / 4 % 256).0/24\""
        case 1: return "\"verdict\": \"allow\", \(service), \"from\": \"192.168.\(index / 1000 % 256).\(index % 256)\""
        case 2:
            let network = String(index % 65536, radix: 16)
            return
                "\"verdict\": \"allow\", \(service), \"from\": [\"172.16.\(index % 256).0/24\", \"2001:db8:\(network)::/48\"]"
        default: return "\"verdict\": \"drop\", \(service)"
        }
    }
}
