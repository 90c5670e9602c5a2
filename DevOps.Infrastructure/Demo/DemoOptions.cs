namespace DevOps.Infrastructure.Demo;

/// <summary>What <c>start.sh --demo</c> has set up. Section <c>DevOps:Demo</c>; without a folder there is no demo.</summary>
public sealed class DemoOptions
{
    /// <summary>Absolute folder with the repository, the SSH server's keys and the image.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Port of the demo's SSH server on 127.0.0.1.</summary>
    public int SshPort { get; set; }

    /// <summary>Port on 127.0.0.1 on which the deployed page answers.</summary>
    public int PagePort { get; set; }

    /// <summary>User that runs the SSH server, and so the one to sign in as.</summary>
    public string User { get; set; } = "";
}
