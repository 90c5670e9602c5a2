using DevOps.Blazor.Deployments;
using DevOps.Blazor.Layout;
using DevOps.Blazor.Ui;
using DevOps.Core.Refusals;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Radzen;

namespace DevOps.Blazor.Hosting;

/// <summary>Pages: Razor components over a circuit, the component library, and languages.</summary>
public static class PagesSetup
{
    // What a field may hold (app.js keeps longer texts in the browser), three bytes a character at worst, and what goes around it.
    // More ends the connection; the circuit stays and the page comes back.
    private const long MostSentAtOnce = 1024 * 1024;

    /// <summary>Registers what pages need.</summary>
    public static WebApplicationBuilder AddDevOpsPages(this WebApplicationBuilder builder)
    {
        // Static files are found from a plain build too, whatever the environment is called.
        builder.WebHost.UseStaticWebAssets();
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddLocalization(options => options.ResourcesPath = "Resources");
        services.Configure<RequestLocalizationOptions>(options =>
        {
            var cultures = Languages.All.Select(l => l.Culture).ToArray();
            options.SetDefaultCulture(cultures[0]).AddSupportedCultures(cultures).AddSupportedUICultures(cultures);
            options.RequestCultureProviders = [new CookieRequestCultureProvider(), new AcceptLanguageHeaderRequestCultureProvider()];
        });
        services.AddRazorComponents().AddInteractiveServerComponents()
            .AddHubOptions(options => options.MaximumReceiveMessageSize = MostSentAtOnce);
        services.AddRadzenComponents();
        services.AddScoped<Attempts>();
        services.AddScoped<FreezeQuestion>();
        services.AddSingleton<Sentences>();
        services.AddSingleton<SayIn>(provider => provider.GetRequiredService<Sentences>().SayIn);
        return builder;
    }

    /// <summary>Adds what happens to every request of a page before it is answered. Comes before sign-in.</summary>
    public static WebApplication UseDevOpsPages(this WebApplication app)
    {
        app.UseRequestLocalization(app.Services.GetRequiredService<IOptions<RequestLocalizationOptions>>().Value);
        app.UseWhen(IsPage, pages =>
        {
            if (!app.Environment.IsDevelopment())
            {
                pages.UseExceptionHandler(AppUrls.Error, createScopeForErrors: true);
            }

            pages.UseStatusCodePagesWithReExecute(AppUrls.NotFound, createScopeForStatusCodePages: true);
        });
        return app;
    }

    /// <summary>Maps pages and static files.</summary>
    public static void MapDevOpsPages(this IEndpointRouteBuilder app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
    }

    private static bool IsPage(HttpContext context) =>
        HttpMethods.IsGet(context.Request.Method) && AppUrls.IsPage(context.Request.Path);
}
