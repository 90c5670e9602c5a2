using DevOps.Core.Refusals;

namespace DevOps.Core.Projects;

/// <summary>A <c>deploy.yml</c> that cannot be accepted. What it says names lines and keys.</summary>
public sealed class DeployFileRefused(Sentence said) : Refusal(said);
