namespace DevOps.Blazor;

/// <summary>Names the texts of the deployments' pages: <c>Resources/DeploymentsText.resx</c>.</summary>
public sealed class DeploymentsText;
