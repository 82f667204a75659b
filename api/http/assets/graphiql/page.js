"use strict";
(() => {
  const place = document.getElementById("graphiql");
  const endpoint = place.dataset.endpoint;
  const socket = new URL(endpoint, window.location.href);
  socket.protocol = socket.protocol === "https:" ? "wss:" : "ws:";
  const fetcher = GraphiQL.createFetcher({ url: endpoint, subscriptionUrl: socket.href });
  // ?example= fills the editor, so that documentation can link to a query ready to run.
  const example = new URLSearchParams(window.location.search).get("example");
  ReactDOM.createRoot(place).render(
    React.createElement(GraphiQL, {
      fetcher,
      query: example ?? undefined,
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
      defaultEditorToolsVisibility: "headers",
    }),
  );
})();
