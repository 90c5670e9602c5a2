using DevOps.Core.Servers;
using DevOps.Infrastructure.Servers;

namespace DevOps.Blazor.Servers;

/// <summary>The fields of a server while they are typed.</summary>
public sealed class ServerModel
{
    public string Name { get; set; } = "";

    public string Host { get; set; } = "";

    public int Port { get; set; } = 22;

    public string User { get; set; } = "";

    public string Credential { get; set; } = "";

    public string JumpServer { get; set; } = "";

    public IReadOnlyList<string> Tags { get; set; } = [];

    /// <summary>The fields of a server that is there.</summary>
    public static ServerModel Of(ServerView view) => new()
    {
        Name = view.Server.Name,
        Host = view.Server.Host,
        Port = view.Server.Port,
        User = view.Server.User,
        Credential = view.Credential,
        JumpServer = view.JumpServer ?? "",
        Tags = view.Server.Tags,
    };

    /// <summary>What the verbs take.</summary>
    /// <param name="fingerprint">Host key to pin, or null.</param>
    public ServerDraft Draft(string? fingerprint = null) => new ServerDraft
    {
        Name = Name.Trim(),
        Host = Host,
        Port = Port,
        User = User,
        Credential = Credential,
        JumpServer = JumpServer,
        Tags = Tags,
        HostKey = fingerprint,
    }.Tidy();
}
