using DevOps.Core.Logs;
using DevOps.Core.Pipeline;
using DevOps.Core.Pipeline.Ports;
using DevOps.Core.Projects;

namespace DevOps.Core.Deployments.Steps;

/// <summary>Finds what a commit is built and put on servers with: the project's settings and, where the project allows it, the commit's <c>deploy.yml</c> over them.</summary>
public sealed class CommitConfig(ISourceRepository sources, IDeployFiles files)
{
    /// <summary>Finds it.</summary>
    /// <exception cref="StepFailure">The file cannot be accepted; the message names lines and keys.</exception>
    public async Task<DeployConfig> FindAsync(DeploymentPlan plan, string sha, ILogOutput log, CancellationToken cancellationToken)
    {
        if (!plan.AllowDeployFile || await sources.ReadFileAsync(plan.Repository, sha, DeployFile.Name, DeployFile.MaxBytes, cancellationToken) is not { } text)
        {
            return new DeployConfig(plan.Build, plan.Deploy, null);
        }

        var (config, held) = Apply(plan, text);
        await log.SayAsync($"{DeployFile.Name} of this commit wins over the project's settings.", cancellationToken);
        foreach (var line in held)
        {
            await log.SayAsync(line, cancellationToken);
        }

        return config;
    }

    private (DeployConfig Config, IReadOnlyList<string> Held) Apply(DeploymentPlan plan, string text)
    {
        try
        {
            return files.Read(text).Over(plan.Build, plan.Deploy, plan.BuildSecrets.Keys);
        }
        catch (DeployFileRefused e)
        {
            throw new StepFailure(e.Said, inner: e);
        }
    }
}
