"""Questions to a model behind the OpenAI API: the only importer of openai."""
