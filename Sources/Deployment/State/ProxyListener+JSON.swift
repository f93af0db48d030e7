package import FirewallIR
internal import JSONC
internal import PacketModel

extension StateStore {
    /// The sockets of docker-proxy for which the twin at input of a state was made.
    package func listeners(of number: Int) throws -> [ProxyListener] {
        let path = directory.state(number) + "/listeners.json"
        guard let json = try self.json(path) else { return [] }
        return try read(path) { () throws(JSONError) in
            var reader = try JSONObjectReader(json)
            let listeners = try reader.array("listeners") { (value, path) throws(JSONError) in
                try ProxyListener(json: value, path: path)
            }
            try reader.finish()
            return listeners
        }
    }

    func keep(_ listeners: [ProxyListener], of number: Int) throws {
        guard !listeners.isEmpty else { return }
        try write(["listeners": .array(listeners.map(\.stored))], to: directory.state(number) + "/listeners.json")
    }
}

extension ProxyListener {
    fileprivate var stored: JSONValue {
        var members = [JSONMember("family", .string(family.rawValue))]
        if let address { members.append(JSONMember("address", .string(address.description))) }
        members += [
            JSONMember("transport", .integer(Int64(transport.rawValue))), JSONMember("port", .integer(Int64(port))),
            JSONMember("container", .string(container.address.description)),
            JSONMember("containerPort", .integer(Int64(container.port))),
            JSONMember("interface", .string(container.interface)),
        ]
        return .object(members)
    }

    fileprivate init(json: JSONValue, path: String) throws(JSONError) {
        var reader = try JSONObjectReader(json, path: path)
        let family = try word(AddressFamily.self, try reader.string("family"), "\(path).family")
        let address = try reader.optionalString("address")
        let transport = IPProtocol(rawValue: UInt8(clamping: try reader.integer("transport")))
        let port = UInt16(clamping: try reader.integer("port"))
        guard let container = IPAddress(try reader.string("container")) else {
            throw JSONError(at: .path("\(path).container"), "expected an address")
        }
        self.init(
            family: family, address: address.flatMap { IPAddress($0) }, transport: transport, port: port,
            container: Container(
                address: container, port: UInt16(clamping: try reader.integer("containerPort")),
                interface: try reader.string("interface")))
        try reader.finish()
    }
}
