namespace DevOps.Blazor.Hosting;

/// <summary>Endpoints that are put together once.</summary>
public static class EndpointsSetup
{
    /// <summary>Maps endpoints and puts them together at once. Routing, authorization and the pages of errors each keep a list of their own,
    /// and would put all of it together anew for it, in the midst of the first request; here they share what is made.</summary>
    /// <param name="app">The application.</param>
    /// <param name="map">Maps all of them; what is mapped later is not seen.</param>
    public static void MapOnce(this WebApplication app, Action<IEndpointRouteBuilder> map)
    {
        var all = new Mapped(app);
        map(all);
        using var together = new CompositeEndpointDataSource(all.DataSources);
        ((IEndpointRouteBuilder)app).DataSources.Add(new DefaultEndpointDataSource(together.Endpoints));
    }

    private sealed class Mapped(IApplicationBuilder app) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => app.ApplicationServices;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => app.New();
    }
}
