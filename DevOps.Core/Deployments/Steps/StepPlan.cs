namespace DevOps.Core.Deployments.Steps;

/// <summary>The steps a deployment is going to walk through. Rows of them are made when it is taken up; until then this is what is known.</summary>
public static class StepPlan
{
    /// <summary>The steps for servers, in order.</summary>
    /// <param name="servers">Names of the servers, in the order of the rollout.</param>
    public static List<DeploymentStep> Of(IEnumerable<string> servers)
    {
        var steps = new List<(StepName Name, string? Server)> { (StepName.Checkout, null), (StepName.Build, null), (StepName.Package, null) };
        steps.AddRange(servers.SelectMany(server => ServerRollout.Steps.Select(step => (step, (string?)server))));
        steps.Add((StepName.Cleanup, null));
        return [.. steps.Select((s, i) => new DeploymentStep { Name = s.Name, Server = s.Server, Position = i })];
    }
}
