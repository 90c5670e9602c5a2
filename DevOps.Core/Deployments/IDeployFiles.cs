using DevOps.Core.Projects;

namespace DevOps.Core.Deployments;

/// <summary>Reads the text of a <c>deploy.yml</c>. Safe for several callers at once.</summary>
public interface IDeployFiles
{
    /// <summary>Reads a text of at most <see cref="DeployFile.MaxBytes"/>, whatever it holds.</summary>
    /// <returns>What it sets.</returns>
    /// <exception cref="DeployFileRefused">It cannot be accepted; the message names lines and keys.</exception>
    DeployFile Read(string text);
}
