internal import Glibc

/// A command `docker` that answers as a daemon with many containers does, each with a published port.
struct ManyContainers {
    let count: Int

    /// Writes the command and its answers; gives the folder that holds it.
    func install(in folder: String) throws -> String {
        let tools = folder + "/tools"
        mkdir(tools, 0o755)
        try TextFile.write(info, to: tools + "/info.json")
        try TextFile.write("[\(network)]\n", to: tools + "/networks.json")
        try TextFile.write(
            "[\((0..<count).map(container).joined(separator: ",\n"))]\n", to: tools + "/containers.json")
        try TextFile.write((0..<count).map { id($0) + "\n" }.joined(), to: tools + "/ids")
        let script = """
            #!/bin/sh
            cd '\(tools)'
            case "$1 $2" in
                "info "*) exec cat info.json;;
                "network ls") echo \(id(-1));;
                "network inspect") exec cat networks.json;;
                "ps "*) exec cat ids;;
                "inspect "*) exec cat containers.json;;
            esac
            exit 1

            """
        try TextFile.write(script, to: tools + "/docker")
        chmod(tools + "/docker", 0o755)
        return tools
    }

    private func id(_ index: Int) -> String {
        let digits = String(index + 1, radix: 16)
        return String(repeating: "0", count: 64 - digits.count) + digits
    }

    private var info: String {
        #"{"ID":"many","ServerVersion":"28.5.2","LiveRestoreEnabled":false,"SecurityOptions":[],"Swarm":{"LocalNodeState":"inactive"}}"#
            + "\n"
    }

    private var network: String {
        """
        {"Name":"bridge","Id":"\(id(-1))","Driver":"bridge","EnableIPv6":false,"Internal":false,\
        "IPAM":{"Config":[{"Subnet":"172.17.0.0/16","Gateway":"172.17.0.1"}]},\
        "Options":{"com.docker.network.bridge.name":"docker0"},"Containers":{}}
        """
    }

    private func container(_ index: Int) -> String {
        let address = "172.17.\(1 + index / 250).\(1 + index % 250)"
        let ports = #"{"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"\#(20_000 + index)"}]}"#
        return """
            {"Id":"\(id(index))","Name":"/c\(index)","State":{"Running":true},"HostConfig":{"NetworkMode":"bridge",\
            "PortBindings":\(ports)},"NetworkSettings":{"Ports":\(ports),"Networks":{"bridge":{"NetworkID":"\(id(-1))",\
            "IPAddress":"\(address)","GlobalIPv6Address":"","GwPriority":0}}}}
            """
    }
}
